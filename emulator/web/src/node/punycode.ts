// node:punycode, RFC 3492.

const [base, tMin, tMax, skew, damp] = [36, 1, 26, 38, 700];

const overflow = () => new RangeError("Overflow: input needs wider integers to process");
const invalid = () => new RangeError("Invalid input");
const notBasic = () => new RangeError("Illegal input >= 0x80 (not a basic code point)");

function adapt(delta: number, points: number, first: boolean): number {
  let k = 0;
  delta = first ? Math.floor(delta / damp) : delta >> 1;
  delta += Math.floor(delta / points);
  for (; delta > ((base - tMin) * tMax) >> 1; k += base) delta = Math.floor(delta / (base - tMin));
  return Math.floor(k + ((base - tMin + 1) * delta) / (delta + skew));
}

const digit = (n: number) => String.fromCharCode(n + (n < 26 ? 97 : 22));

function valueOf(code: number): number {
  if (code >= 48 && code < 58) return 26 + code - 48;
  if (code >= 65 && code < 91) return code - 65;
  return code >= 97 && code < 123 ? code - 97 : base;
}

const threshold = (k: number, bias: number) => (k <= bias ? tMin : k >= bias + tMax ? tMax : k - bias);

export function encode(text: string): string {
  const points = [...text].map((c) => c.codePointAt(0)!);
  let out = points.filter((point) => point < 0x80).map((point) => String.fromCharCode(point)).join("");
  const basic = out.length;
  if (basic > 0) out += "-";
  let [n, delta, bias, handled] = [0x80, 0, 72, basic];
  while (handled < points.length) {
    const next = Math.min(...points.filter((point) => point >= n));
    if (next - n > Math.floor((2 ** 31 - 1 - delta) / (handled + 1))) throw overflow();
    delta += (next - n) * (handled + 1);
    n = next;
    for (const point of points) {
      if (point < n) delta++;
      if (point !== n) continue;
      let q = delta;
      for (let k = base; ; k += base) {
        const t = threshold(k, bias);
        if (q < t) break;
        out += digit(t + ((q - t) % (base - t)));
        q = Math.floor((q - t) / (base - t));
      }
      out += digit(q);
      bias = adapt(delta, handled + 1, handled === basic);
      delta = 0;
      handled++;
    }
    delta++;
    n++;
  }
  return out;
}

export function decode(text: string): string {
  const points: number[] = [];
  const basic = Math.max(0, text.lastIndexOf("-"));
  for (let j = 0; j < basic; j++) {
    if (text.charCodeAt(j) >= 0x80) throw notBasic();
    points.push(text.charCodeAt(j));
  }
  let [n, i, bias] = [0x80, 0, 72];
  for (let at = basic > 0 ? basic + 1 : 0; at < text.length; ) {
    const before = i;
    for (let w = 1, k = base; ; k += base) {
      if (at >= text.length) throw invalid();
      const value = valueOf(text.charCodeAt(at++));
      if (value >= base) throw invalid();
      if (value > Math.floor((2 ** 31 - 1 - i) / w)) throw overflow();
      i += value * w;
      const t = threshold(k, bias);
      if (value < t) break;
      w *= base - t;
    }
    const count = points.length + 1;
    bias = adapt(i - before, count, before === 0);
    n += Math.floor(i / count);
    i %= count;
    points.splice(i++, 0, n);
  }
  return String.fromCodePoint(...points);
}

/** Changes the labels of a domain, or of the domain of a mail address. */
function mapDomain(domain: string, change: (label: string) => string): string {
  const at = domain.lastIndexOf("@");
  const [user, name] = at < 0 ? ["", domain] : [domain.slice(0, at + 1), domain.slice(at + 1)];
  return user + name.replace(/[\u3002\uff0e\uff61]/g, ".").split(".").map(change).join(".");
}

export const toASCII = (domain: string) => mapDomain(domain, (label) => (/[^\0-\x7f]/.test(label) ? `xn--${encode(label)}` : label));
export const toUnicode = (domain: string) => mapDomain(domain, (label) => (label.startsWith("xn--") ? decode(label.slice(4).toLowerCase()) : label));

const ucs2 = {
  decode: (text: string) => [...text].map((c) => c.codePointAt(0)!),
  encode: (points: number[]) => String.fromCodePoint(...points),
};

export default { version: "2.1.0", ucs2, decode, encode, toASCII, toUnicode };
