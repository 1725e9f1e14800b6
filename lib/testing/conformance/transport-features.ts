/** What transports differ in, and what a `true` promises. */
export const TRANSPORT_FEATURES = {
  /** One consumer receives messages in the order in which they were sent. */
  ordering: true,
  /** A `DelayStamp` holds a message back. */
  delay: true,
  /** A waiting `get` is woken by an arrival instead of asking again and again. */
  wakeUp: true,
  /** `send` tells the id under which a message that is not delayed will be received. */
  messageIds: true,
  /** Messages are encoded by the serializer of the context. */
  encoding: true,
  /** `insertRaw` plants foreign bytes, and what cannot be decoded comes out as an `UndecodableMessage`. */
  undecodable: true,
  /** `second` makes another consumer of the same queue, with a connection of its own. */
  secondConsumer: true,
  /** A message that is not settled comes back once its lease, `context.leaseDuration`, is over. */
  redelivery: true,
  /** `RedeliveredStamp` counts the deliveries. */
  redeliveryCount: true,
  /** A settlement that comes after the lease was lost is reported as such. */
  lostReport: true,
  /** `KeepaliveAware` */
  keepalive: true,
  /** `Releasable` */
  release: true,
  /** What is released takes its old place in the order. */
  releaseOrder: true,
  /** What was released is not marked as redelivered. */
  releaseUncounted: true,
  /** `Requeueable`, into itself. */
  requeue: true,
  /** `Requeueable`, into what `other` makes. */
  requeueElsewhere: true,
  /** `MessageCountAware` */
  counting: true,
  /** `MessageCounts.oldestAge` */
  oldestAge: true,
  /** `Listable` */
  listing: true,
  /** What is listed and claimed includes the delayed messages and, as far as listing goes, those that somebody holds. */
  listingAll: true,
  /** To be listed or found leaves no mark on a message: it is not redelivered then. */
  listingUnmarked: true,
  /** `Claimable` */
  claiming: true,
  /** `SignalAware` */
  signals: true,
  /** `RollKeeper` */
  roll: true,
  /** `Pingable` */
  ping: true,
  /** `DeduplicationStore` */
  deduplication: true,
  /** `Setupable` */
  setup: true,
  /** `Closeable` */
  close: true,
} as const;

/** The name of something transports differ in. */
export type TransportFeature = keyof typeof TRANSPORT_FEATURES;

/** Which features a transport has. One that is not named is expected, so that nothing is left untested by mistake. */
export type TransportFeatures = { readonly [F in TransportFeature]?: boolean };
