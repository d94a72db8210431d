// The zones of a city on its map; in a form also the outline that is being drawn, which is what stands in the field beside it.
import * as L from "leaflet";

const latin = (text) => text.replace(/[۰-۹٠-٩]/g, (digit) => String(digit.charCodeAt(0) & 15)).replaceAll("٫", ".").replaceAll("،", ",");

function cornersOfGeoJson(text) {
  const told = JSON.parse(text);
  const feature = told.type === "FeatureCollection" ? told.features[0] : told;
  const [ring] = (feature.geometry ?? feature).coordinates;
  return ring.slice(0, -1).map(([longitude, latitude]) => [latitude, longitude]);
}

// What cannot be read yet is not drawn; the server says what is wrong with it.
function cornersOf(text) {
  try {
    if (/^\s*[{[]/.test(text)) return cornersOfGeoJson(text);
    const corners = latin(text).split("\n").filter((line) => line.trim()).map((line) => line.split(",").map(Number));
    return corners.every((corner) => corner.length === 2 && corner.every(Number.isFinite)) ? corners : [];
  } catch {
    return [];
  }
}

export function drawZones({ map }, element) {
  const zones = JSON.parse(document.getElementById(element.dataset.zones).textContent);
  const field = element.closest("form")?.elements.namedItem("outline");
  const drawn = zones.map(({ name, corners }) => {
    const label = document.createElement("span");
    label.dir = "auto";
    label.textContent = name;
    return L.polygon(corners, { className: field ? "zone is-other" : "zone", interactive: !field }).bindTooltip(label, { sticky: true }).addTo(map);
  });
  const own = field ? cornersOf(field.value) : [];
  const shown = own.length ? [L.polygon(own)] : drawn;
  if (shown.length) map.fitBounds(L.featureGroup(shown).getBounds().pad(0.15), { animate: false });
  if (field) draw(map, element, field);
}

function draw(map, element, field) {
  const outline = L.polygon([], { className: "zone", interactive: false }).addTo(map);
  const corners = L.layerGroup().addTo(map);
  const write = (places) => {
    field.value = places.map(([latitude, longitude]) => `${latitude.toFixed(6)}, ${longitude.toFixed(6)}`).join("\n");
    show();
  };
  const show = () => {
    const places = cornersOf(field.value);
    outline.setLatLngs(places);
    corners.clearLayers();
    places.forEach((place, index) => {
      const icon = L.divIcon({ className: "zone-corner", iconSize: [18, 18] });
      const corner = L.marker(place, { icon, draggable: true, keyboard: false }).addTo(corners);
      corner.on("dragend", () => write(places.map((other, at) => (at === index ? [corner.getLatLng().lat, corner.getLatLng().lng] : other))));
    });
  };
  map.on("click", ({ latlng }) => write([...cornersOf(field.value), [latlng.lat, latlng.lng]]));
  field.addEventListener("input", show);
  const [back, anew] = ["back", "anew"].map((name) => element.querySelector(`[data-outline-${name}]`));
  back.addEventListener("click", () => write(cornersOf(field.value).slice(0, -1)));
  anew.addEventListener("click", () => write([]));
  back.hidden = anew.hidden = false;
  show();
}
