// The city's map: shipped vector tiles, the shops, and a pulse where a card was tapped.
import * as L from "leaflet";
import * as protomaps from "protomaps-leaflet";

window.L = L; // protomaps-leaflet looks for it there.

const METRO_LINES = { 1: "#c0392b", 2: "#1f6fb2", 3: "#d98e04", 4: "#2e7d32" };
const SHRINE = [36.288, 59.6157];

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function tiles(address, language) {
  const { PolygonSymbolizer, LineSymbolizer, CircleSymbolizer, OffsetTextSymbolizer } = protomaps;
  const line = (options) => new LineSymbolizer(options);
  const nameOf = language === "en" ? ["en", "fa"] : ["fa"];
  return protomaps.leafletLayer({
    url: address,
    maxDataZoom: 12,
    backgroundColor: colour("--map-land"),
    paintRules: [
      { dataLayer: "urban", symbolizer: new PolygonSymbolizer({ fill: colour("--map-urban"), opacity: 0.8 }) },
      { dataLayer: "counties", symbolizer: line({ color: colour("--map-border"), width: 1, dash: [4, 3] }) },
      { dataLayer: "provinces", symbolizer: line({ color: colour("--map-border"), width: 1.4 }) },
      { dataLayer: "metro_line", symbolizer: line({ color: colour("--map-halo"), width: 7 }) },
      {
        dataLayer: "metro_line",
        symbolizer: line({ color: (zoom, feature) => METRO_LINES[feature?.props.line] ?? "#888", width: 4, perFeature: true }),
      },
      {
        dataLayer: "metro_station",
        symbolizer: new CircleSymbolizer({ radius: 3.5, fill: colour("--map-halo"), stroke: colour("--map-text"), width: 1.6 }),
      },
    ],
    labelRules: [
      {
        dataLayer: "metro_station",
        minzoom: 13,
        symbolizer: new OffsetTextSymbolizer({
          labelProps: nameOf,
          font: "500 11px 'Vazirmatn Variable'",
          fill: colour("--map-text"),
          stroke: colour("--map-halo"),
          width: 3,
          offsetX: 6,
          offsetY: 6,
        }),
      },
    ],
  });
}

function shrineMarker(name) {
  const dome = '<path d="M4 21v-7a8 8 0 0 1 16 0v7M12 6V3M2 21h20M10 21v-4a2 2 0 1 1 4 0v4"/>';
  const html = `<span class="shrine"><svg viewBox="0 0 24 24" aria-hidden="true">${dome}</svg></span>`;
  const icon = L.divIcon({ className: "", html, iconSize: [34, 34], iconAnchor: [17, 40] });
  const label = { permanent: true, direction: "top", offset: [0, -40] };
  return L.marker(SHRINE, { icon, interactive: false, keyboard: false }).bindTooltip(name, label);
}

function shopMarker(shop) {
  const options = { radius: 6, className: shop.open ? "shop-dot" : "shop-dot is-closed", fillOpacity: 1 };
  const text = document.createElement("span");
  text.dir = "auto";
  text.textContent = shop.name;
  return L.circleMarker([shop.latitude, shop.longitude], options).bindTooltip(text, { direction: "top", offset: [0, -6] });
}

function clusterMarker(map, place, count, words) {
  const number = new Intl.NumberFormat(document.documentElement.lang).format(count);
  const size = 28 + 6 * Math.floor(Math.log10(count));
  const icon = L.divIcon({ className: "shop-cluster", html: number, iconSize: [size, size] });
  const label = words.replace("#", number);
  const mark = L.marker(place, { icon, title: label, alt: label }).on("click", () => map.setView(place, map.getZoom() + 2));
  mark.on("add", () => mark.getElement().setAttribute("aria-label", label));
  return mark;
}

async function shopsOf(address, box, signal) {
  const from = new URL(address, location.href);
  if (box) from.searchParams.set("box", box);
  const answer = await fetch(from, { headers: { Accept: "application/geo+json" }, signal });
  if (!answer.ok || answer.redirected) throw new Error(`shops: ${answer.status}`);
  return answer.json();
}

// A city of few shops comes whole and once; a large one comes by what the map shows, gathered where it is crowded.
async function followShops(map, element) {
  const { fetch: address, gathered } = element.dataset;
  const drawn = L.layerGroup().addTo(map);
  const draw = ({ features }) => {
    drawn.clearLayers();
    for (const { geometry, properties } of features) {
      const [longitude, latitude] = geometry.coordinates;
      const isCluster = properties.count !== undefined;
      drawn.addLayer(isCluster ? clusterMarker(map, [latitude, longitude], properties.count, gathered) : shopMarker({ ...properties, latitude, longitude }));
    }
  };
  const first = await shopsOf(address).catch(() => undefined);
  if (first) {
    const [west, south, east, north] = first.bbox ?? [];
    if (first.bbox) map.fitBounds(L.latLngBounds([south, west], [north, east]).pad(0.03), { animate: false });
    draw(first);
    if (first.whole) return;
  }
  let asking = new AbortController();
  const again = async () => {
    asking.abort();
    asking = new AbortController();
    const shown = map.getBounds();
    const within = (most) => (degrees) => Math.min(most, Math.max(-most, degrees)).toFixed(4);
    const [west, east] = [shown.getWest(), shown.getEast()].map(within(180));
    const [south, north] = [shown.getSouth(), shown.getNorth()].map(within(90));
    const shops = await shopsOf(address, `${west},${south},${east},${north}`, asking.signal).catch(() => undefined);
    if (shops) draw(shops);
  };
  map.on("moveend", again);
  if (!first) await again();
}

export async function drawMap(element) {
  const data = JSON.parse(document.getElementById(element.dataset.shops).textContent);
  const language = document.documentElement.lang;
  await document.fonts.load("500 11px 'Vazirmatn Variable'", "حرم");
  const map = L.map(element, { zoomControl: false, scrollWheelZoom: false, attributionControl: false, minZoom: 5, maxZoom: 18, zoomSnap: 0.25 });
  map.setView(SHRINE, 13);
  const words = { zoomInTitle: element.dataset.zoomIn, zoomOutTitle: element.dataset.zoomOut };
  L.control.zoom({ position: "bottomleft", ...words }).addTo(map);
  let ground = tiles(element.dataset.tiles, language).addTo(map);
  document.addEventListener("theme", () => {
    ground.remove();
    ground = tiles(element.dataset.tiles, language).addTo(map);
  });
  shrineMarker(element.dataset.shrine).addTo(map);
  for (const shop of data) shopMarker(shop).addTo(map);
  // One place alone is shown with what lies around it: close up there is nothing to know it by.
  if (data.length) map.fitBounds(L.latLngBounds(data.map((shop) => [shop.latitude, shop.longitude])).pad(0.03), { maxZoom: data.length > 1 ? 18 : 14 });
  if (element.dataset.fetch) followShops(map, element);
  return { map };
}

export function pulse({ map }, position, approved) {
  if (!position || document.hidden) return;
  const className = approved ? "pulse" : "pulse pulse-declined";
  const icon = L.divIcon({ className, iconSize: [64, 64], iconAnchor: [32, 32] });
  const mark = L.marker(position, { icon, interactive: false, keyboard: false }).addTo(map);
  setTimeout(() => mark.remove(), 1800);
}
