/** The one plain sentence on a card: a template from policy, filled with the values of the call. */
export { cardPaths, checkCard, renderCard } from './card.ts';
export { sumOf } from './sum.ts';
export { valueAt } from './value-at.ts';
