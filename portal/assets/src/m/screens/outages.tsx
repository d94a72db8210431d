// What does not work just now, above the first screen. Where nothing can be read, nothing is said.
import { Note, useRead } from "../parts";
import { moment, t } from "../words";

export function Outages() {
  const { seen } = useRead("/outages");
  if (!seen || seen.isOld) return null;
  return (
    <>
      {seen.body.outages.map((one) => (
        <Note key={one.outage} icon={one.kind === "outage" ? "alert-triangle" : "clock"} kind={one.kind === "outage" ? "fault" : ""}>
          {one.text}
          {one.ends_at && ` ${t("Until about %(moment)s.", { moment: moment(new Date(one.ends_at)) })}`}
        </Note>
      ))}
    </>
  );
}
