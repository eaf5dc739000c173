// tedious: does it get the expected answers? See run.sh for the environment.
//
// Beyond the cases: TLS, a parameter, a transaction by the protocol's own request, and a cancelled
// request after which the connection goes on.
'use strict';
const fs = require('fs');
const path = require('path');
const { Connection, Request, TYPES } = require('tedious');

const address = process.env.WATERTIGHT_ADDRESS;
const host = address.slice(0, address.lastIndexOf(':'));
const port = Number(address.slice(address.lastIndexOf(':') + 1));
let failures = 0;

function check(name, expected, found) {
  if (String(expected) === String(found)) {
    console.log(`ok    ${name}`);
  } else {
    console.log(`FAIL  ${name}: expected ${expected}, got ${found}`);
    failures += 1;
  }
}

function credentials(principal) {
  const prefix = `WATERTIGHT_${principal.toUpperCase()}`;
  return { userName: process.env[`${prefix}_LOGIN`], password: process.env[`${prefix}_PASSWORD`] };
}

function connect(options, encrypt = false) {
  return new Promise((resolve, reject) => {
    const connection = new Connection({
      server: host,
      authentication: { type: 'default', options },
      options: {
        port,
        database: process.env.WATERTIGHT_DATABASE,
        encrypt,
        serverName: 'localhost',
        trustServerCertificate: true,
        connectTimeout: 10000,
        requestTimeout: 30000,
        rowCollectionOnRequestCompletion: true,
      },
    });
    connection.connect((error) => (error ? reject(error) : resolve(connection)));
  });
}

function execute(connection, statement, { parameters = [], batch = false } = {}) {
  return new Promise((resolve, reject) => {
    const request = new Request(statement, (error, count, rows) =>
      error ? reject(error) : resolve(rows.map((row) => row.map((column) => column.value))));
    for (const [name, type, value] of parameters) request.addParameter(name, type, value);
    batch ? connection.execSqlBatch(request) : connection.execSql(request);
  });
}

const number = (error) => error.number || (error.cause && error.cause.number) || error.message;

async function outcome(options, statement, batch) {
  let connection;
  try {
    connection = await connect(options);
    await execute(connection, statement, { batch });
    return 'ok';
  } catch (error) {
    return number(error);
  } finally {
    if (connection) connection.close();
  }
}

const transaction = (connection, verb) =>
  new Promise((resolve, reject) => {
    connection[verb]((error) => (error ? reject(error) : resolve()));
  });

async function main() {
  const lines = fs.readFileSync(path.join(__dirname, 'cases.tsv'), 'utf8').split('\n');
  for (const line of lines.filter((line) => line && !line.startsWith('#'))) {
    const [principal, expected, statement] = line.split('\t');
    check(`${principal}: ${statement}`, expected, await outcome(credentials(principal), statement, true));
    check(`${principal}: ${statement} (by sp_executesql)`, expected,
      await outcome(credentials(principal), statement, false));
  }
  const app = credentials('app_rw');
  check('wrong password', 'ELOGIN', await connect({ ...app, password: `not-${app.password}` })
    .then(() => 'ok', (error) => error.code));

  for (const encrypt of [false, true]) {
    const connection = await connect(app, encrypt);
    const text = "Grüße, O'Brien 😀";
    const [row] = await execute(connection, 'SELECT @text, @number + 1, SUSER_SNAME()', {
      parameters: [['text', TYPES.NVarChar, text], ['number', TYPES.Int, 41]],
    });
    check(`a parameter comes back, encrypt ${encrypt}`, [text, 42, app.userName], row);

    await transaction(connection, 'beginTransaction');
    const [[inside]] = await execute(connection, 'SELECT @@TRANCOUNT');
    await transaction(connection, 'rollbackTransaction');
    const [[outside]] = await execute(connection, 'SELECT @@TRANCOUNT');
    check(`a transaction of the driver, encrypt ${encrypt}`, [1, 0], [inside, outside]);

    const cancelled = await new Promise((resolve) => {
      const request = new Request('WHILE 1 = 1 SELECT 1', (error) => resolve(error && error.code));
      connection.execSqlBatch(request);
      // The first row tells that the request runs.
      request.once('row', () => connection.cancel());
    });
    check(`a request can be cancelled, encrypt ${encrypt}`, 'ECANCEL', cancelled);
    const [[after]] = await execute(connection, 'SELECT 7');
    check(`the connection goes on, encrypt ${encrypt}`, 7, after);
    connection.close();
  }
}

main()
  .catch((error) => {
    console.log(`FAIL  ${error.stack}`);
    failures += 1;
  })
  .finally(() => process.exit(failures ? 1 : 0));
