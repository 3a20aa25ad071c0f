// Reports ask for a token.
//
// The calls of the old guard are plain to see. The table of downloads also hands the guard on by its name, and which
// scope belongs there only a reader can say: such places are left alone until a verification reports them.
import { switchHandlers, switchReported, switchRoutes } from './handlers.mjs';
import { readInput } from './toolkit.mjs';

const { violations } = readInput();

switchHandlers('src/handlers/reports.ts', {
  showRevenue: 'reports:read',
  managersOnly: 'reports:read',
});
switchReported('src/handlers/reports.ts', violations, 'orders:read');
switchRoutes('showRevenue', 'downloadReport');
