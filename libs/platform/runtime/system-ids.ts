import { v7 } from 'uuid';
import type { Ids } from '#engine/ports/ids.port.js';

export const systemIds: Ids = { next: () => v7(), random: () => Math.random() };
