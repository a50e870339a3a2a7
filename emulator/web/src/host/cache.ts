export interface CacheHost {
  // Keeps a response, told as JSON, and its body for so many milliseconds.
  cachePut(cache: string, url: string, response: string, body: ArrayBuffer, ms: number): void;
  cacheMatch(cache: string, url: string): string | undefined;
  cacheBody(cache: string, url: string): ArrayBuffer | undefined;
  cacheDelete(cache: string, url: string): boolean;
}
