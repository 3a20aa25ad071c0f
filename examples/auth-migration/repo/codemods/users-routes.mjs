// Users ask for a token.
import { switchHandlers, switchRoutes } from './handlers.mjs';

switchHandlers('src/handlers/users.ts', {
  showMe: 'profile:read',
  listUsers: 'users:read',
});
switchRoutes('showMe', 'listUsers');
