export interface Ids {
  /** A fresh uuid v7. */
  next(): string;
  /** A number in [0, 1), for jitter. */
  random(): number;
}
