/** What "Start from an example" puts into the editor. */
export const EXAMPLE = `# What each mail partner's connector expects. servers, clients and domains say which sessions it judges.
version: 1
trust: mozilla
partners:
  - name: Fabrikam
    servers: ["*.mail.protection.outlook.com"]
    domains: [fabrikam.com]
    connector:
      kind: exchange-online-outbound
      identity: To Fabrikam
      tlsSettings: DomainValidation
      tlsDomain: mail.protection.outlook.com

  - name: Woodgrove Bank
    servers: [192.0.2.0/24, mail.woodgrovebank.example]
    connector:
      kind: pinned
      commonName: mail.woodgrovebank.example
      names: { includes: [mail.woodgrovebank.example] }

  - name: Everybody else
    servers: [0.0.0.0/0, "::/0"]
    connector: { kind: opportunistic }
`;
