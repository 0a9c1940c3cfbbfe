// What hosts of Durable Functions do differently. The suite takes each of these; the product must
// live with all of them. The Durable Task extension was asked in version 3.19 on Azure Storage.

/**
 * An id with a plus, sent as %2B: the Functions host hands the path on with a plain plus, which the
 * extension reads as a blank. Each form of it is found again under the id of the response.
 */
export const plusInId = ["+", " "];
