import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';

/** What a key is used for. What is signed for one purpose means nothing for another. */
export type SigningPurpose = 'message' | 'quarantine';

const SALT = 'nestjs-messenger';

/** Not in the types of the language version that this is compiled for, but in every supported Node.js. */
interface WellFormedness {
  isWellFormed(): boolean;
}

/** A secret, and the keys made of it: one for each purpose. Whatever prints it shows its id only. */
export class SigningKey {
  readonly id: string;
  readonly #secret: KeyObject;
  readonly #byPurpose: Readonly<Record<SigningPurpose, KeyObject>>;

  /** @param id @default a name made of the secret */
  constructor(secret: string, id?: string) {
    this.id = id ?? derive(secret, 'id', 6).toString('base64url');
    this.#secret = createSecretKey(Buffer.from(secret));
    this.#byPurpose = {
      message: createSecretKey(derive(secret, 'message', 32)),
      quarantine: createSecretKey(derive(secret, 'quarantine', 32)),
    };
  }

  /**
   * The HMAC-SHA256 of a list of texts and a body.
   *
   * What is hashed is the list as JSON, in one line, and then the body. The first item of the list tells how the body became
   * bytes: a text with half a character in it would else have the hash of another text.
   */
  macOf(purpose: SigningPurpose, texts: ReadonlyArray<string | null>, body: string | Uint8Array): Buffer {
    const hmac = createHmac('sha256', this.#byPurpose[purpose]);
    const isUtf8 = typeof body !== 'string' || (body as unknown as WellFormedness).isWellFormed();
    hmac.update(`${JSON.stringify([isUtf8 ? 'utf8' : 'utf16le', ...texts])}\n`);
    if (typeof body === 'string') {
      hmac.update(body, isUtf8 ? 'utf8' : 'utf16le');
    } else {
      hmac.update(body);
    }
    return hmac.digest();
  }

  /** Lower-case hexadecimal, with the secret as it is. @param salt makes a key of its own of the secret. */
  symfonyMacOf(payload: Uint8Array, salt?: string): string {
    const key =
      salt === undefined ? this.#secret : createHmac('sha256', this.#secret).update(salt).digest('hex');
    return createHmac('sha256', key).update(payload).digest('hex');
  }
}

/** Whether two codes are the same, in a time that does not tell where they differ. */
export function isSameMac(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}

function derive(secret: string, purpose: string, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, SALT, purpose, length));
}
