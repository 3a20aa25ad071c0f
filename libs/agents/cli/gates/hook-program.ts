/**
 * Runs inside, started by the agent for each of its events: hands what it is told on to the socket beside it, and prints
 * what comes back. It decides nothing. Of a write it names the place and leaves the content out. Where nobody answers it
 * ends with 1, which an agent shows and goes on from.
 */
export const HOOK_PROGRAM = `'use strict';
const net = require('node:net'), path = require('node:path');
let text = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk) => { text += chunk; });
process.stdin.on('end', () => {
  const { hook_event_name: event, tool_input: input = {} } = JSON.parse(text);
  const file = input.file_path ?? input.notebook_path;
  const socket = net.connect(path.join(__dirname, 'socket'));
  let answer = '';
  socket.setEncoding('utf8');
  socket.on('error', (error) => { console.error('no answer: ' + error.message); process.exitCode = 1; });
  socket.on('data', (chunk) => { answer += chunk; });
  socket.on('end', () => { process.stdout.write(answer); });
  socket.end(JSON.stringify(file === undefined ? { event } : { event, path: file }));
});
`;
