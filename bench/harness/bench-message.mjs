import { now } from './clock.mjs';

const NOTE = 'Please leave the parcel with the neighbour on the second floor. '.repeat(5).trim();

/** The message every subject carries: about 400 bytes as JSON, with one value that is not plain JSON. */
export class OrderPlaced {
  constructor(orderId, placedAt, sentAt, note) {
    this.orderId = orderId;
    this.placedAt = placedAt;
    this.sentAt = sentAt;
    this.note = note;
  }
}

/** @param {number} orderId Position of the message in its run, counted from 0. */
export function createMessage(orderId) {
  return new OrderPlaced(orderId, new Date(), now(), NOTE);
}
