import { Injectable } from '@nestjs/common';
import { ShopDatabase } from '../database/shop-database.js';
import { MailboxUnknownError } from './mailbox-unknown.error.js';

export interface Mail {
  /** Two mails with one reference are the same mail, which is sent once. */
  readonly reference: string;
  readonly sender: string;
  readonly recipient: string;
  readonly subject: string;
}

/** Stands in for a mail server: keeps the mails in a table, and knows no mailbox under `.invalid`. */
@Injectable()
export class Mailer {
  constructor(private readonly database: ShopDatabase) {}

  /**
   * A message may be delivered more than once, so sending is idempotent.
   *
   * @throws MailboxUnknownError when the recipient does not exist.
   */
  send({ reference, sender, recipient, subject }: Mail): void {
    if (recipient.endsWith('.invalid')) {
      throw new MailboxUnknownError(recipient);
    }
    this.database.run(
      'INSERT OR IGNORE INTO mails (reference, sender, recipient, subject) VALUES (?, ?, ?, ?)',
      reference,
      sender,
      recipient,
      subject,
    );
  }
}
