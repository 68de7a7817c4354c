/** How a request reads: its sentence, its arguments as lines, what is covered, what is disguised. Pure; runs in a browser. */
export { addressesAt, addressParts, isExternal } from './address.ts';
export { type At, pathOf, valueAt, valueAtPath } from './at.ts';
export { spokenClaim, turnsOf } from './claims.ts';
export { type CodeKind, type CodeLanguage, type CodeToken, codeLanguage, codeTokens } from './code.ts';
export { type ConditionPiece, type ConditionValue, fillIn } from './condition.ts';
export { deedOf } from './deed.ts';
export { foldAt, isDisguised, type Piece, reveal, revealedLine } from './disguise.ts';
export { labelOf } from './label.ts';
export { limitSentence, type PassedLimit, windowText } from './limit.ts';
export { coveredIn, type Mask, maskOf, noMask, tailOf } from './mask.ts';
export { currencyPlace, type Money, moneyAt } from './money.ts';
export { type PayloadRow, rowAt, rowsBelow, rowsOf, type Shown, shownAt } from './rows.ts';
export { spanText } from './time-left.ts';
export { fallbackTitle, mainMoney, type Segment, titleOf, titleText, withArgs } from './title.ts';
export { type WebAddress, webAddress } from './web-address.ts';
export { distanceText, type When, whenOf, whenText } from './when.ts';
