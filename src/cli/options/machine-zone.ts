import { nameMachineZone } from '../../library/wiring/machine-zone.ts';

/** See `nameMachineZone`. */
export const machineZone = (): string => nameMachineZone(process.env.TZ);
