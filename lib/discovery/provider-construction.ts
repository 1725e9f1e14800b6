import { Scope } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { ProviderRecord } from './provider-record.js';

/**
 * Whether Nest will still make the one instance of a provider. It looks at what is known so far only: to ask Nest about the
 * scope of a provider before all of them are made would let it remember a wrong answer.
 */
export function isUnderConstruction(record: ProviderRecord): boolean {
  const { metatype, token, isTransient, initTime } = record;
  const isMade = !metatype || token === ModuleRef || initTime !== undefined;
  return !isMade && !isTransient && !isRequestScoped(record, new Set());
}

function isRequestScoped(record: ProviderRecord, visited: Set<ProviderRecord>): boolean {
  if (visited.has(record)) {
    return false;
  }
  visited.add(record);
  return (
    record.scope === Scope.REQUEST ||
    dependenciesOf(record).some((dependency) => isRequestScoped(dependency, visited))
  );
}

function dependenciesOf(record: ProviderRecord): readonly ProviderRecord[] {
  return [
    ...(record.getCtorMetadata() ?? []),
    ...(record.getPropertiesMetadata() ?? []).map(({ wrapper }) => wrapper),
    ...(record.getEnhancersMetadata() ?? []),
    // The list of constructor dependencies has gaps until all of them are known.
  ].filter((dependency) => dependency !== undefined);
}
