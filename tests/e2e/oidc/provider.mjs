// A provider of OpenID Connect for the tests: oidc-provider, with its own pages for logging in. Told in JSON: port, redirect_uri, secret, accounts.
import Provider from "oidc-provider";

const { port, redirectUri, secret, method, accounts } = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{
    client_id: "sluice",
    ...(secret === "" ? {} : { client_secret: secret }),
    redirect_uris: [redirectUri],
    response_types: ["code"],
    grant_types: ["authorization_code"],
    token_endpoint_auth_method: method,
  }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
  cookies: { keys: ["a key of the tests"] },
  pkce: { required: () => true },
  findAccount: (_, id) => (accounts[id] === undefined ? undefined : { accountId: id, claims: () => ({ sub: id, ...accounts[id] }) }),
});
provider.listen(port, "127.0.0.1", () => console.log("ready"));
