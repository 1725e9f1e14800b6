import { InvalidUsageError } from '../errors/invalid-usage.error.js';
import { quoted } from '../errors/quoted.js';
import type { CommandContext } from './command.js';
import { knownName } from './known-names.js';

/** The value of `--transport [name]`: a name, `true` for the option alone, `undefined` without it. */
export type TransportOption = string | true | undefined;

/**
 * The failure transport a command is about: the one named; the module's own; the only one. With `--transport` alone, or if
 * there are several of which none is the module's, the person is asked.
 *
 * @throws InvalidUsageError if it cannot be told which, or there is none.
 */
export async function chooseFailureTransport(
  option: TransportOption,
  { messenger, prompt }: CommandContext,
): Promise<string> {
  const names = messenger.failedMessages.failureTransportNames();
  const [first, ...others] = names;
  if (first === undefined) {
    throw new InvalidUsageError(
      'There is no failure transport: set "failureTransport" in the options of the MessengerModule.',
    );
  }
  if (typeof option === 'string') {
    return knownName('failure transport', option, names);
  }
  const usual = messenger.options.failureTransport ?? (others.length === 0 ? first : undefined);
  if (option === undefined && usual !== undefined) {
    return usual;
  }
  if (!prompt.isInteractive) {
    throw new InvalidUsageError(`Name a failure transport with "--transport": ${quoted(names)}.`, names);
  }
  return prompt.chooseOne('Which failure transport?', [first, ...others]);
}
