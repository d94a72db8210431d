// Cards that lie on the reader beside this computer while a clerk works: only their chip's name is read, into a field.
import { openReader } from "./reader.js";

for (const place of document.querySelectorAll("[data-fills]")) openReader(place);
