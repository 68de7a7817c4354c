/** What a look at one thing comes to: whether it is a reason for an alert. Pure. */
import type { AlertAbout, AlertFigures, AlertKind } from '@countersign/shared/contracts';

export type Finding = {
  kind: AlertKind;
  about: AlertAbout;
  /** `between`: not enough to raise an alert, nor to end one. What is not looked at, or of which nothing is left, is off. */
  state: 'on' | 'off' | 'between';
  figures: AlertFigures;
  /** Another alert tells of the same: this one is not raised beside it. */
  told?: true;
};

/** Names what a finding is about: the same at every look. */
export const keyOf = ({ kind, about }: Pick<Finding, 'kind' | 'about'>): string => {
  const { tool, rules, tier, team, agent } = about;
  return JSON.stringify([kind, tool ?? null, rules ?? null, tier ?? null, team ?? null, agent ?? null]);
};
