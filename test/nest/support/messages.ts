/** A message class in a file of its own, to be imported with and without `type`. */
export class Shipped {
  constructor(readonly parcel: string) {}
}

export interface ShippedLike {
  readonly parcel: string;
}
