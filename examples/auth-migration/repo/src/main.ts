import { config } from './config.ts';
import { createHarbour } from './server.ts';
import { createStore } from './store.ts';

createHarbour(createStore()).listen(config.port, () => {
  console.log(`Harbour listens on port ${config.port}.`);
});
