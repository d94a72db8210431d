// The pilgrim's app: which screen, which language, which size of letters, and that what waits is sent.
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { flush, read, signedIn, waitingWrites, write } from "./api";
import { Alarms } from "./alarms";
import { Version, WrongClock } from "./banners";
import { chosenCalendar, keepCalendar, keepMoon } from "./calendar";
import { Icon } from "./parts";
import { Campaigns, OneCampaign } from "./screens/campaigns";
import { Card } from "./screens/card";
import { Complain, Complaints, OneComplaint } from "./screens/complaints";
import { Coming } from "./screens/coming";
import { Family } from "./screens/family";
import { OwnData } from "./screens/data";
import { Email } from "./screens/email";
import { Senders } from "./screens/senders";
import { Find, House } from "./screens/find";
import { Help } from "./screens/help";
import { Home } from "./screens/home";
import { Money } from "./screens/money";
import { More } from "./screens/more";
import { Near } from "./screens/near";
import { OnePlace } from "./screens/place";
import { OwnProfile } from "./screens/profile";
import { ProgrammeDate, Programmes } from "./screens/programmes";
import { Packs } from "./screens/packs";
import { FamilyCard } from "./screens/purse";
import { SavedPurchases, Savings } from "./screens/savings";
import { SignIn } from "./screens/sign_in";
import { Receipt, Statement } from "./screens/statement";
import { Booking, Stays } from "./screens/stays";
import { WalkInside } from "./screens/walk";
import { inLanguage } from "./texts";
import { keepWorker } from "./version";
import { firstLanguage, language, speak, t, type Language } from "./words";

const TABS = [
  { to: "#/", icon: "home", name: () => t("Home") },
  { to: "#/card", icon: "credit-card", name: () => t("Card") },
  { to: "#/near", icon: "map-pin", name: () => t("Near me") },
  { to: "#/stays", icon: "bed", name: () => t("Bookings") },
  { to: "#/more", icon: "user", name: () => t("More") },
];

function App() {
  const [name, setName] = useState<string | null>();
  const [place, setPlace] = useState(location.hash || "#/");
  const [spoken, setSpoken] = useState("");
  const [isLarge, setLarge] = useState(localStorage.getItem("letters") === "large");
  const [turn, setTurn] = useState(0);
  const look = () => void signedIn().then((held) => setName(held?.name ?? null));
  const choose = (one: Language) => void speak(one).then(() => setSpoken(one));
  // Messages and receipts speak it from now on, too.
  const chooseForAll = (one: Language) => {
    choose(one);
    void write("put", "/me/language", t("Language"), { body: { language: one } }).catch(() => undefined);
  };
  const isIn = typeof name === "string";
  useEffect(() => {
    if (isIn) void keepAccount(setName).catch(() => undefined);
  }, [isIn, spoken, turn]);
  useEffect(() => {
    look();
    const redraw = () => setTurn((one) => one + 1);
    const turn = () => setPlace(location.hash || "#/");
    const leave = () => {
      setName(null);
      location.hash = "#/";
    };
    addEventListener("hashchange", turn);
    addEventListener("signed-out", leave);
    addEventListener("online", flush);
    addEventListener("calendar", redraw);
    void flush();
    return () => {
      removeEventListener("hashchange", turn);
      removeEventListener("signed-out", leave);
      removeEventListener("online", flush);
      removeEventListener("calendar", redraw);
    };
  }, []);
  useEffect(() => {
    document.documentElement.classList.toggle("large", isLarge);
    localStorage.setItem("letters", isLarge ? "large" : "usual");
  }, [isLarge]);
  if (name === undefined) return null;
  if (name === null && place === "#/coming") return <Coming key={spoken} choose={choose} />;
  if (name === null) return <SignIn key={spoken} choose={choose} enter={look} />;
  return (
    <div key={spoken}>
      <Alarms />
      <Version />
      <WrongClock />
      {screen(place, name, chooseForAll, isLarge, setLarge)}
      <nav class="tabs" aria-label={t("Main pages")}>
        {TABS.map((tab) => (
          <a key={tab.to} href={tab.to} aria-current={tab.to === place.split("?")[0] ? "page" : undefined}>
            <Icon name={tab.icon} />
            {tab.name()}
            {tab.to === "#/more" && <OutboxMark />}
          </a>
        ))}
      </nav>
    </div>
  );
}

/** That something waits to be sent or was refused later: it is read under More. */
function OutboxMark() {
  const [isThere, setThere] = useState(false);
  useEffect(() => {
    const look = () => void waitingWrites().then((all) => setThere(all.length > 0));
    look();
    addEventListener("outbox", look);
    return () => removeEventListener("outbox", look);
  }, []);
  return isThere ? <b class="dot" role="img" aria-label={t("Waiting to be sent")} /> : null;
}

/** What the account says of how its holder is spoken to: the name in this language, the calendar, and the moon for who counts by it. */
async function keepAccount(call: (name: string) => void): Promise<void> {
  const { body, isOld } = await read("/me");
  call(inLanguage(body.names, language()));
  if (isOld) return; // what was chosen without a network since waits to be sent
  keepCalendar(body.calendar);
  if (chosenCalendar() === "lunar") keepMoon((await read("/lunar-months")).body.months);
}

function screen(place: string, name: string, choose: (one: Language) => void, isLarge: boolean, enlarge: (is: boolean) => void) {
  const [path, question] = place.split("?");
  const [, page, first, second] = (path ?? "").split("/");
  const asked = new URLSearchParams(question);
  if (page === "card") return <Card />;
  if (page === "statement") return <Statement />;
  if (page === "savings") return <Savings asked={asked} />;
  if (page === "saved" && first && second) return <SavedPurchases key={place} first={first} last={second} />;
  if (page === "receipt" && first && second) return <Receipt key={place} day={first} entry={second} />;
  if (page === "stays") return <Stays />;
  if (page === "booking" && first) return <Booking key={place} id={first} />;
  if (page === "find") return <Find key={place} asked={asked} />;
  if (page === "lodging" && first) return <House key={place} id={first} asked={asked} />;
  if (page === "programmes") return <Programmes key={place} asked={asked} />;
  if (page === "programme" && first) return <ProgrammeDate key={place} id={first} asked={asked} />;
  if (page === "near") return <Near asked={asked} />;
  if (page === "place" && first) return <OnePlace key={place} id={first} />;
  if (page === "walk" && first) return <WalkInside id={first} asked={asked} />;
  if (page === "campaigns") return <Campaigns key={place} asked={asked} />;
  if (page === "campaign" && first) return <OneCampaign key={place} id={first} />;
  if (page === "packs") return <Packs key={place} asked={asked} />;
  if (page === "family") return <Family />;
  if (page === "purse") return <FamilyCard />;
  if (page === "money") return <Money />;
  if (page === "complaints") return <Complaints />;
  if (page === "complaint" && first) return <OneComplaint key={place} id={first} />;
  if (page === "complain" && first && second) return <Complain key={place} entry={`${first}-${second}`} />;
  if (page === "email") return <Email />;
  if (page === "profile") return <OwnProfile />;
  if (page === "data") return <OwnData />;
  if (page === "senders") return <Senders />;
  if (page === "help") return <Help key={place} asked={asked} />;
  if (page === "more") return <More choose={choose} isLarge={isLarge} enlarge={enlarge} />;
  return <Home name={name} />;
}

// Light or dark as the phone is: pages are read at night, too.
const dark = matchMedia("(prefers-color-scheme: dark)");
const dress = () => void (document.documentElement.dataset["bsTheme"] = dark.matches ? "dark" : "light");
dark.addEventListener("change", dress);
dress();

void speak(firstLanguage()).then(() => {
  render(<App />, document.getElementById("app")!);
  void keepWorker();
});
