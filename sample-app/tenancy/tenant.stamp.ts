import { AsStamp, type Envelope, Stamp } from 'nestjs-messenger';

/** Which of the shop's tenants a message belongs to. `@AsStamp` lets it travel with the message, through retries too. */
@AsStamp('tenant')
export class TenantStamp extends Stamp {
  constructor(readonly tenant: string) {
    super();
  }
}

/** The tenant of a message, `main` if nobody said. */
export function tenantOf(envelope: Envelope): string {
  return envelope.last(TenantStamp)?.tenant ?? 'main';
}
