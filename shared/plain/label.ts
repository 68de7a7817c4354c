/** A key as a person would write it: `order_id` and `orderId` become "Order id". Anything unusual stays as it is. */
export function labelOf(key: string): string {
  if (/^\d+$/.test(key)) return String(Number(key) + 1);
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(key)) return key;
  const words = key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
    .trim()
    .toLowerCase();
  return words === '' ? key : words.charAt(0).toUpperCase() + words.slice(1);
}
