// Photos of a complaint: taken or chosen, made small on the phone, shown before they are sent, and opened by their owner alone.
import { useEffect, useState } from "preact/hooks";
import { NoNetwork, file } from "../api";
import { Fault, Icon } from "../parts";
import type { Answer } from "../shapes";
import { number, t } from "../words";

type Kept = Answer<"/complaints/{complaint_id}">["pictures"][number];

export const MOST_PICTURES = 5;
const LONGER_SIDE = 1600;
const QUALITY = 0.8;

/** Drawn anew, so that it is small and says nothing of place, time and camera. As a data address. */
async function reduced(taken: File): Promise<string> {
  const picture = await createImageBitmap(taken, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGER_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const brush = canvas.getContext("2d")!;
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas.toDataURL("image/jpeg", QUALITY);
}

/** The page's policy shows what it holds itself, and no blobs. */
function addressOf(content: Blob): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result as string);
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(content);
  });
}

/** What the API takes: the content alone, in Base64. */
export function contentOf(address: string): string {
  return address.slice(address.indexOf(",") + 1);
}

export function TakePictures({ taken, take, most = MOST_PICTURES }: { taken: string[]; take: (all: string[]) => void; most?: number }) {
  const [fault, setFault] = useState("");
  const choose = async (input: HTMLInputElement) => {
    const chosen = [...(input.files ?? [])];
    input.value = "";
    setFault("");
    try {
      const more = await Promise.all(chosen.slice(0, most - taken.length).map(reduced));
      take([...taken, ...more]);
      if (chosen.length > more.length) setFault(t("Up to %(most)s photos. These are enough; please write the rest.", { most: number(most) }));
    } catch {
      setFault(t("This is no photo that can be read. Please take another one."));
    }
  };
  return (
    <>
      <Fault says={fault} />
      {taken.length > 0 && (
        <ul class="pictures" aria-label={t("Photos")}>
          {taken.map((one, place) => (
            <li key={one}>
              <img src={one} alt={t("Photo %(number)s", { number: number(place + 1) })} />
              <button
                class="button quiet"
                type="button"
                aria-label={t("Leave out photo %(number)s", { number: number(place + 1) })}
                onClick={() => take(taken.filter((_, other) => other !== place))}
              >
                <Icon name="x" />
              </button>
            </li>
          ))}
        </ul>
      )}
      {taken.length < most && (
        <label class="button quiet picker">
          <Icon name="camera" />
          {t("Take a photo, or choose one")}
          <input type="file" accept="image/*" multiple onChange={(event) => void choose(event.currentTarget)} />
        </label>
      )}
    </>
  );
}

export function KeptPictures({ complaint, pictures }: { complaint: string; pictures: Kept[] }) {
  if (pictures.length === 0) return null;
  return (
    <section class="block" aria-labelledby="pictures">
      <h2 id="pictures">{t("Photos")}</h2>
      <ul class="pictures">
        {pictures.map((one, place) => (
          <li key={one.picture}>
            <Picture complaint={complaint} one={one} says={t("Photo %(number)s", { number: number(place + 1) })} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Picture({ complaint, one, says }: { complaint: string; one: Kept; says: string }) {
  const [address, setAddress] = useState("");
  const [fault, setFault] = useState("");
  useEffect(() => {
    let isGone = false;
    file("/complaints/{complaint_id}/pictures/{picture_id}", { complaint_id: complaint, picture_id: one.picture })
      .then(addressOf)
      .then(
        (read) => isGone || setAddress(read),
        (error: Error) => isGone || setFault(error instanceof NoNetwork ? t("This photo needs the network.") : error.message),
      );
    return () => {
      isGone = true;
    };
  }, [complaint, one.picture]);
  if (fault) return <p class="muted">{fault}</p>;
  if (!address) return <p class="loading">{t("One moment…")}</p>;
  if (one.media_type === "application/pdf")
    return (
      <a class="button quiet" href={address} download={`${one.picture}.pdf`}>
        <Icon name="download" />
        {says}
      </a>
    );
  return <img src={address} alt={says} />;
}
