import { eventually } from '#testing/processes.js';
import { createTestDatabase, type TestDatabase } from '#testing/postgres.js';
import { EventBell } from './event-bell.js';
import { EventFeed } from './queries/event-feed.js';
import { openSql, type Sql } from './sql.js';

let database: TestDatabase;
let sql: Sql;
let feed: EventFeed;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = openSql(database.url);
  feed = new EventFeed(database.url, () => undefined);
  await feed.open();
});
afterAll(async () => {
  await feed.close();
  await sql.close();
  await database.drop();
});

/** What has happened in a plan, and what its follower saw when it was woken last. */
function followed(planId: string) {
  const seen = { happened: 0, last: -1, woken: 0, atOnce: 0 };
  feed.follow(planId, (atOnce) => {
    seen.woken += 1;
    seen.last = seen.happened;
    if (atOnce) seen.atOnce += 1;
  });
  return seen;
}

test('whoever follows a plan is woken after its last event, and seldom in between', async () => {
  const bell = new EventBell(sql);
  const [one, other] = [followed('one'), followed('other')];
  for (let event = 0; event < 2_000; event += 1) {
    one.happened += 1;
    bell.ring('one');
    if (event % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await eventually('the last event is seen', () => one.last === 2_000);
  expect(one.woken).toBeLessThan(200);
  bell.ring('other');
  await eventually('the other plan is told apart', () => other.woken === 1);
});

test('what somebody waits for is told each time, and told apart', async () => {
  const bell = new EventBell(sql);
  const [plan, all] = [followed('waited-for'), followed('')];
  for (let event = 0; event < 5; event += 1) bell.ring('waited-for', true);
  bell.ring('waited-for');
  await eventually('all of them are told', () => plan.woken === 6);
  expect(plan.atOnce).toBe(5);
  await eventually('to who follows all plans too', () => all.atOnce === 5);
});

test('a database that is away is no error of whoever rings', async () => {
  const gone = openSql(database.url);
  await gone.close();
  const bell = new EventBell(gone);
  bell.ring('plan');
  bell.ring('plan');
  const seen = followed('plan');
  new EventBell(sql).ring('plan');
  await eventually('another bell', () => seen.woken > 0);
});
