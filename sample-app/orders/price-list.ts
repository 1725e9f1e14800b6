/** What the shop sells, with the price in cents. */
export const PRICES: ReadonlyMap<string, number> = new Map([
  ['tea', 450],
  ['coffee', 790],
  ['gift-card', 2500],
]);
