/** How long what lies beside the sealed log is kept, ms. What is not stated is kept until somebody erases it. */
export type Retention = {
  /** Texts of a request, from when it was asked for. */
  texts_ms?: number;
  /** Who a pseudonym stands for, from when it was last used. */
  names_ms?: number;
};

/** Where several files say how long, the shortest counts: nothing is kept for longer than one of them lets. */
export function shortest(stated: readonly Retention[]): Retention {
  const least = (times: (number | undefined)[]): number | undefined => {
    const given = times.filter((time) => time !== undefined);
    return given.length === 0 ? undefined : Math.min(...given);
  };
  const texts = least(stated.map(({ texts_ms }) => texts_ms));
  const names = least(stated.map(({ names_ms }) => names_ms));
  return {
    ...(texts === undefined ? {} : { texts_ms: texts }),
    ...(names === undefined ? {} : { names_ms: names }),
  };
}
