// What stands above every screen: a newer version, a clock that is wrong.
import { useWrongClock } from "./clock";
import { Icon, Note } from "./parts";
import { update, useVersion } from "./version";
import { day, number, t } from "./words";

export function Version() {
  const { isNewer, ends: until, tooOld: why } = useVersion();
  if (!isNewer && !until && !why) return null;
  return (
    <section class="banner" aria-label={t("Version of the app")}>
      {why ? (
        <Note icon="alert-triangle" kind="fault">
          {why} {t("What waits to be sent stays on the phone.")}
        </Note>
      ) : (
        <Note icon="download">
          {until
            ? t("From %(day)s on this version of the app does not work any more.", { day: day(until) })
            : t("A newer version of the app is ready.")}
        </Note>
      )}
      <button class="button" onClick={update}>
        <Icon name="refresh" />
        {t("Use the newer version")}
      </button>
    </section>
  );
}

export function WrongClock() {
  const minutes = useWrongClock();
  if (minutes === 0) return null;
  const facts = { minutes: number(Math.abs(minutes)) };
  return (
    <div class="banner">
      <Note icon="clock">
        {minutes > 0
          ? t("The clock of this phone is about %(minutes)s minutes slow. Please set it; the app goes by the right time.", facts)
          : t("The clock of this phone is about %(minutes)s minutes fast. Please set it; the app goes by the right time.", facts)}
      </Note>
    </div>
  );
}
