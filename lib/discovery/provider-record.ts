import type { DiscoveryService } from '@nestjs/core';

/** Nest's own record of a provider. */
export type ProviderRecord = ReturnType<DiscoveryService['getProviders']>[number];
