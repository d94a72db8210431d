// A map on which one clicks a point: it moves a pin and fills the two fields beside the map, and follows what is typed there.
import * as L from "leaflet";

const latin = (text) =>
  text.replace(/[۰-۹٠-٩]/g, (digit) => String(digit.charCodeAt(0) & 15)).replace("٫", ".");

export function pick({ map }, form) {
  const [lat, lon] = ["lat", "lon"].map((name) => form.elements.namedItem(name));
  let pin;
  const show = () => {
    const place = [Number.parseFloat(latin(lat.value)), Number.parseFloat(latin(lon.value))];
    if (!place.every(Number.isFinite)) return;
    if (pin) pin.setLatLng(place);
    else pin = L.circleMarker(place, { radius: 9, className: "shop-dot", fillOpacity: 1 }).addTo(map);
    if (!map.getBounds().contains(place)) map.panTo(place);
  };
  map.on("click", ({ latlng }) => {
    lat.value = latlng.lat.toFixed(6);
    lon.value = latlng.lng.toFixed(6);
    show();
  });
  for (const field of [lat, lon]) field.addEventListener("change", show);
  show();
}
