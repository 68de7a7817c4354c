import type { Json } from '@countersign/shared/contracts';
import { type At, valueAt } from './at.ts';

/** Names that say that a number is money. `value` only says so next to a currency. */
const moneyNames =
  /(^|_)(amount|price|total|subtotal|cost|fee|refund|charge|payment|balance|budget|sum|tax|vat|discount|tip|deposit)$/i;
const currencyNames = ['currency', 'currency_code', 'currencyCode'];
/** 2400 cents would read as 2,400.00; a name that says "cents" is shown as the plain number it is. */
const minorUnits = /(cents|minor|pence)/i;

export type Money = {
  /** With its currency where one is known, grouped: `€2,400.00` or `2,400`. Never rounded. */
  text: string;
  /** The same without `.00`, for a button. */
  short: string;
  currency: string | undefined;
  /** The number alone, with the currency's decimals: `2,400.00`. */
  number: string;
};

/**
 * Reads the value at a place as money, if its name says that it is. The currency is the one beside it, or the
 * one at the top; none is invented.
 */
export function moneyAt(args: Json, at: At, language: string): Money | undefined {
  const name = at.at(-1) ?? '';
  const amount = plainNumber(valueAt(args, at));
  if (amount === undefined || minorUnits.test(name)) return undefined;
  const currency = currencyBeside(args, at);
  const snake = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2');
  if (!moneyNames.test(snake) && !(currency !== undefined && /^value$/i.test(name))) return undefined;

  const decimals = decimalsOf(amount);
  if (currency === undefined) {
    const text = new Intl.NumberFormat(language, {
      maximumFractionDigits: decimals,
      minimumFractionDigits: decimals,
    }).format(amount);
    return { text, short: text, currency, number: text };
  }
  const style = { style: 'currency', currency } as const;
  const usual = new Intl.NumberFormat(language, style).resolvedOptions().maximumFractionDigits ?? 2;
  const digits = Math.max(usual, decimals);
  const format = (options: Intl.NumberFormatOptions) =>
    new Intl.NumberFormat(language, options).format(amount);
  return {
    text: format({ ...style, maximumFractionDigits: digits }),
    short: format({ ...style, maximumFractionDigits: digits, trailingZeroDisplay: 'stripIfInteger' }),
    currency,
    number: format({ minimumFractionDigits: usual, maximumFractionDigits: digits }),
  };
}

/** The place of the currency that belongs to a value, if there is one. */
export function currencyPlace(args: Json, at: At): At | undefined {
  const name = at.at(-1) ?? '';
  const beside = at.slice(0, -1);
  const places = [[...beside, `${name}_currency`], ...currencyNames.map((key) => [...beside, key])];
  if (beside.length > 0) places.push(...currencyNames.map((key) => [key]));
  return places.find((place) => isCurrency(valueAt(args, place)));
}

function currencyBeside(args: Json, at: At): string | undefined {
  const place = currencyPlace(args, at);
  const value = place && valueAt(args, place);
  return typeof value === 'string' ? value.toUpperCase() : undefined;
}

const known = new Set(Intl.supportedValuesOf('currency'));

function isCurrency(value: Json | undefined): boolean {
  return typeof value === 'string' && known.has(value.toUpperCase());
}

function plainNumber(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return value;
  // A decimal in a string stays a decimal as long as a double can hold it exactly as written.
  if (typeof value === 'string' && /^-?(0|[1-9]\d{0,11})(\.\d{1,3})?$/.test(value)) return Number(value);
  return undefined;
}

function decimalsOf(amount: number): number {
  const [mantissa = '', exponent = '0'] = String(amount).toLowerCase().split('e');
  const written = mantissa.split('.')[1]?.length ?? 0;
  return Math.min(20, Math.max(0, written - Number(exponent)));
}
