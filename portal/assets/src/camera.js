// The camera of a telephone or tablet in place of a scanner at the counter: what it reads is typed into the page. No picture is kept or sent.
import { BarcodeDetector as OwnDetector } from "qr/decode.js";

const LOOK_EVERY_MS = 150;
const FORMATS = ["qr_code", "ean_13", "ean_8", "upc_a", "upc_e", "code_128"];

// The browser's own reads bars too, where it has one; ours reads the square codes.
async function newDetector() {
  const known = (await window.BarcodeDetector?.getSupportedFormats()) ?? [];
  const formats = FORMATS.filter((one) => known.includes(one));
  return formats.length ? new window.BarcodeDetector({ formats }) : new OwnDetector({ formats: ["qr_code"] });
}

async function lookUntilRead(video, detector) {
  while (video.srcObject && video.isConnected) {
    const [seen] = video.readyState >= video.HAVE_CURRENT_DATA ? await detector.detect(video).catch(() => []) : [];
    if (seen?.rawValue) return seen.rawValue;
    await new Promise((go) => setTimeout(go, LOOK_EVERY_MS));
  }
  return null;
}

// `typed` gets what was read. Shown only where the page may ask for a camera at all.
export function openCamera(place, typed) {
  if (!navigator.mediaDevices?.getUserMedia) return;
  const [open, close] = ["open", "close"].map((act) => place.querySelector(`[data-camera-${act}]`));
  const [view, video, refused] = ["[data-camera-view]", "video", "[data-camera-refused]"].map((one) => place.querySelector(one));
  place.hidden = false;

  const stop = () => {
    for (const track of video.srcObject?.getTracks() ?? []) track.stop();
    video.srcObject = null;
    view.hidden = true;
    open.hidden = false;
  };

  open.addEventListener("click", async () => {
    refused.hidden = true;
    open.hidden = true;
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      refused.hidden = false;
      stop();
      return;
    }
    view.hidden = false;
    close.focus();
    await video.play();
    const text = await lookUntilRead(video, await newDetector());
    stop();
    if (text) typed(text);
  });
  close.addEventListener("click", () => {
    stop();
    open.focus();
  });
  window.addEventListener("pagehide", stop);
}
