/** A programs file with the program `loyalty`, which can only issue cards. Tests append schedules and sources. */
export const loyaltyProgramYaml = `programs:
  loyalty:
    card: loyalty
    templateId: t
    create:
      templateVariables: { kpFirstName: "{{ customer.first_name }}" }
      metadata: { registered: "{{ customer_ids.registered }}" }
`;
