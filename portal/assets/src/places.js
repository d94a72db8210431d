// "Near me": the phone's own position goes into the field, and nowhere else.
const button = document.querySelector("[data-locate]");
if (button && navigator.geolocation) {
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      const field = document.getElementById(button.dataset.locate);
      field.value = `${coords.latitude.toFixed(5)},${coords.longitude.toFixed(5)}`;
      field.form.requestSubmit();
    });
  });
}
