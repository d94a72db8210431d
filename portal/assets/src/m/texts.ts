// What people typed in several languages.
import type { Texts } from "./shapes";

/** In a language, where there is one in it. */
export function inLanguage(texts: Texts, language: string): string {
  return texts[language] || texts["fa"] || texts["en"] || Object.values(texts)[0] || "";
}
