import { isPublishedSecret } from "../core/published-secrets.ts";

/**
 * Words that people build passwords on. Digits, signs and repetition around them, and letters written as digits, do
 * not make them better: guessing programs try those first.
 */
const WORDS = new Set(
  `abc abcd abcdef abcdefg abcdefgh access account admin administrator airplane alexander amanda america andrea andrew
  angel anthony apple asdf asdfasdf asdfgh asdfghjk asdfghjkl ashley austin autumn azerty azertyuiop bailey banana
  barcelona baseball basketball batman benjamin blahblah bonjour brandon buster butterfly caroline changeit changeme
  changethis charlie charlotte cheese chelsea chicago chocolate claude codex computer cookie cowboys dallas daniel
  database default demo dolphin donald dragon dreamer elephant elizabeth emmanuel everton fernando fishing flower
  football forever fortnite freedom friend friends gandalf gateway ginger google guest hacker hallo hannah happy
  heather hello helloworld hockey hunter iloveyou internet isabelle jackson jasmine jennifer jessica jonathan jordan
  joshua justin killer letmein letmeinnow liberty liverpool login london lovely loveyou madison maggie manager marina
  market master matrix matthew maverick mercedes merlin metallica michael michelle minecraft monkey monster mother
  mustang mynoob mypassword naruto newyork nicholas nicole nothing october oliver omniroute openai orange package
  panther pass passw passwd password passwort patrick peanut pepper phoenix pokemon porsche president prince princess
  private purple qazwsx qazwsxedc qqww1122 querty qwer qwert qwerty qwertyu qwertyui qwertyuiop qwertz qwertzuiop
  rachel rainbow raiders rangers robert root router samantha samsung scooter secret server shadow silver slipknot
  snoopy soccer sophie spiderman spring starwars steelers stephanie summer sunflower sunshine superman superuser
  support sweetheart swordfish system taylor tennis test tester testing testtest thomas thunder tiger tigger tinkerbell
  trustno trustnoone unknown user username vanessa victoria wachtwoord warrior welcome welcomeback whatever william
  winner winter wizard xbox yankees yellow zxcvbn zxcvbnm zaqwsx motdepasse contrasena senha parola haslo sifre`
    .split(/\s+/)
    .filter(Boolean),
);

/** Rows of keys and other runs that fingers or counting make. */
const RUNS = [
  "01234567890123456789",
  "98765432109876543210",
  "abcdefghijklmnopqrstuvwxyz",
  "zyxwvutsrqponmlkjihgfedcba",
  "qwertyuiopasdfghjklzxcvbnm",
  "qwertzuiopasdfghjklyxcvbnm",
  "azertyuiopqsdfghjklmwxcvbn",
  "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
  "q1w2e3r4t5y6u7i8o9p0",
  "1q2w3e4r5t6y7u8i9o0p",
];

/** Is this among the first passwords anybody would try? */
export function isCommonPassword(password: string): boolean {
  const plain = password.trim().toLowerCase();
  if (isPublishedSecret(plain) || new Set(plain).size <= 2) return true;
  if (isRun(plain) || isRepeated(plain)) return true;
  return [plain, asLetters(plain)].some((text) => WORDS.has(core(text)) || WORDS.has(doubled(core(text))));
}

/** What is left when digits and signs around a word are taken off. */
const core = (text: string) => text.replace(/^[^a-z]+|[^a-z]+$/g, "");

/** `testtest` → `test`. */
const doubled = (text: string) => {
  const half = text.slice(0, text.length / 2);
  return half + half === text ? half : text;
};

const isRun = (text: string) => RUNS.some((run) => run.includes(text)) || /^(?:19|20)\d{6}$/.test(text);

/** `abc1abc1`, `12341234`: a short piece again and again. */
function isRepeated(text: string): boolean {
  for (let length = 1; length <= 4; length++) {
    if (text.length % length === 0 && text === text.slice(0, length).repeat(text.length / length))
      return true;
  }
  return false;
}

/** `p@ssw0rd1` → `password1`: the usual stand-ins, but not for digits at the end, which are a number. */
function asLetters(text: string): string {
  const [, word = text, tail = ""] = /^(.*?)([\d!?.]*)$/.exec(text) ?? [];
  return word.replace(/[@4301$57]/g, (sign) => STANDS_FOR[sign] ?? sign) + tail;
}

const STANDS_FOR: { [sign: string]: string } = {
  "@": "a",
  "4": "a",
  "3": "e",
  "0": "o",
  "1": "i",
  $: "s",
  "5": "s",
  "7": "t",
};
