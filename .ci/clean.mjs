// Removes the compiled library, so that a package never carries a file whose source is gone.
import { rmSync } from 'node:fs';

rmSync(new URL('../dist/lib', import.meta.url), { recursive: true, force: true });
