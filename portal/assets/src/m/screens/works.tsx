// What the municipality tells of closed streets, stations and gates. Where nothing can be read, nothing is said.
import { Note, useRead } from "../parts";
import { chosenCity } from "../where";
import { moment, t } from "../words";

const ICONS = { little: "info-circle", much: "clock", closed: "alert-triangle" } as const;

export function Works({ isShort = false, place }: { isShort?: boolean; place?: string }) {
  const { seen } = useRead("/works", { query: place ? { place } : chosenCity() });
  if (!seen || seen.isOld) return null;
  const told = seen.body.works.filter((one) => !isShort || one.severity !== "little");
  return (
    <>
      {told.map((one) => (
        <Note key={one.notice} icon={ICONS[one.severity]}>
          {one.where && (
            <>
              <b>{one.where}</b>:{" "}
            </>
          )}
          {one.text} {t("Until %(moment)s.", { moment: moment(new Date(one.ends_at)) })}
        </Note>
      ))}
    </>
  );
}
