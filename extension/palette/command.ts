/** A line of the palette. */
export type Command = {
  id: string;
  label: string;
  /** What kind of thing it is, in a word. */
  kind: string;
  /** The key that does the same, as it is shown. */
  key?: string;
  run: () => void;
};
