import { UnrecoverableError } from 'nestjs-messenger';

/** The mail server knows no such mailbox. No retry will change that, so the message goes to the failure transport at once. */
export class MailboxUnknownError extends UnrecoverableError {
  constructor(readonly recipient: string) {
    super(`The mailbox "${recipient}" does not exist.`);
  }
}
