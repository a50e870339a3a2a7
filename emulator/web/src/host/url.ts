export interface UrlHost {
  // The parts of a URL: [href, protocol, username, password, hostname, port,
  // pathname, search, hash, origin], or undefined when it does not parse.
  parseURL(url: string, base: string | undefined): string[] | undefined;
  // The names and values, in turn, of a query string that is not empty.
  parseQuery(query: string): string[];
  // The same parts after one of them was set; an invalid value changes nothing.
  setURLPart(href: string, part: string, value: string): string[];
}
