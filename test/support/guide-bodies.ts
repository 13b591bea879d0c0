/** The guide's two webhook bodies as Bloomreach sends them: its templates rendered for one customer, the rest left as it stands there. */

export const cardSetup = (registered: string, firstName = 'Žofie') => `{
"templateId": "temple_id_passmachine",
"templateVariables": {
"kpFirstName": "${firstName}",
"kpLastName": "Nováková",
"kpCardNumber": "007",
"kpDiscountCode": "SALE123",
"fieldValue": "NOTIFICATION",
"changeMessage": "30-11-2026 15:04:05"
},
"metadata": {
"email": "${registered}@example.com",
"registered": "${registered}"
}
}
`;

export const notificationSetup = (text: string) => `[
{
"op": "replace",
"path": "/templateVariables/fieldValue",
"value": "${text}"
},
{
"op": "replace",
"path": "/templateVariables/changeMessage",
"value": "30-11-2026 15:04:05"
}
]
`;
