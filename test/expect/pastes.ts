/** What the four cmdlets print, in the shapes that administrators' posts show them; names are replaced. */

/** The second line of the comment is indented to the values' column, as Format-List does it. */
export const OUTBOUND = `
Enabled                       : True
UseMXRecord                   : False
Comment                       : EOP vers le relais SMTP (sans Transport Rules et pour tous les domaines acceptés)
                                IP : 192.0.2.17
ConnectorType                 : OnPremises
ConnectorSource               : AdminUI
RecipientDomains              : {evotec.example}
SmartHosts                    : {poczta.evotec.example}
TlsDomain                     :
TlsSettings                   : CertificateValidation
IsTransportRuleScoped         : False
RouteAllMessagesViaOnPremises : False
CloudServicesMailEnabled      : True
AllAcceptedDomains            : False
TestMode                      : False
LinkForModifiedConnector      : 00000000-0000-0000-0000-000000000000
ValidationRecipients          : {admin@evotec.example}
IsValidated                   : True
LastValidationTimestamp       : 15.03.2019 02:31:53
AdminDisplayName              :
ExchangeVersion               : 0.1 (8.0.535.0)
Name                          : Some Works Connector
WhenCreated                   : 15.03.2019 02:31:06
`;

/** A forum put a blank line behind each line, and two spaces. */
export const RECEIVE_DOUBLE_SPACED = `
AuthMechanism                             : Tls, Integrated, BasicAuth, BasicAuthRequireTLS, ExchangeServer  

Banner                                    :  

Bindings                                  : {[::]:25, 0.0.0.0:25}  

DomainSecureEnabled                       : False  

Enabled                                   : True  

MaxMessageSize                            : 36 MB (37,748,736 bytes)  

RemoteIPRanges                            : {::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 0.0.0.0-255.255.255.255}  

RequireTLS                                : False  

TransportRole                             : FrontendTransport  

ExchangeVersion                           : 0.1 (8.0.535.0)  

Name                                      : Default Frontend LON-EX01  
`;

export const SEND = `[PS] C:\\Windows\\system32>Get-SendConnector "To Fabrikam" | Format-List


AddressSpaces                : {SMTP:fabrikam.com;1, SMTP:*.fabrikam.example;1,
                               SMTP:another-very-long-domain-name.example;1,
                               SMTP:northwind.example;10}
DNSRoutingEnabled            : True
DomainSecureEnabled          : False
Enabled                      : True
Identity                     : To Fabrikam
IgnoreSTARTTLS               : False
Name                         : To Fabrikam
RequireTLS                   : True
SmartHostAuthMechanism       : None
SmartHosts                   : {}
TlsAuthLevel                 : DomainValidation
TlsCertificateName           : <I>CN=Partner Issuing CA, O=Partner Authority,
                               C=US<S>CN=mail.contoso.com, O=Contoso, C=US
TlsDomain                    : mail.fabrikam.com

`;

export const EVERY_KIND = `PS C:\\Users\\admin> Get-OutboundConnector | fl Name,Enabled,RecipientDomains,TlsSettings,TlsDomain


Name             : To Fabrikam
Enabled          : True
RecipientDomains : {fabrikam.com}
TlsSettings      : DomainValidation
TlsDomain        : mail.fabrikam.com

Name             : Old
Enabled          : False
RecipientDomains : {*}
TlsSettings      :
TlsDomain        :

PS C:\\Users\\admin> Get-InboundConnector | Format-List

SenderIPAddresses            : {203.0.113.0/24}
SenderDomains                : {smtp:fabrikam.com;1}
RequireTls                   : True
RestrictDomainsToIPAddresses : True
RestrictDomainsToCertificate : False
TlsSenderCertificateName     :
Enabled                      : True
Name                         : From Fabrikam

[PS] C:\\Windows\\system32>Get-SendConnector | fl

AddressSpaces     : {SMTP:*;1}
DNSRoutingEnabled : False
RequireTLS        : False
SmartHosts        : {[10.99.0.5], relay.contoso.com}
Identity          : Internet
Name              : Internet

[PS] C:\\Windows\\system32>Get-ReceiveConnector | fl

RemoteIPRanges        : {10.99.0.0/24}
TlsDomainCapabilities : {mail.protection.outlook.com:AcceptCloudServicesMail}
AuthMechanism         : Tls
RequireTLS            : True
Name                  : From EOP

[PS] C:\\Windows\\system32>
`;
