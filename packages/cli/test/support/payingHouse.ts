import { startStripe, stripeKey, webhookSecret } from "../../../server/test/payments/stripeEmulator.ts"
import { startPaidProvider } from "./paidProvider.ts"
import { startServer } from "./server.ts"

/** The built server on a folder, with a provider that costs money and with Stripe, both emulated. */
export const startPayingHouse = async (folder: string, environment: Readonly<Record<string, string>>) => {
  const stripe = await startStripe()
  const provider = await startPaidProvider()
  const server = await startServer(folder, {
    ...provider.environment,
    ...environment,
    STRIPE_SECRET_KEY: stripeKey,
    STRIPE_WEBHOOK_SECRET: webhookSecret,
    STRIPE_API_BASE_URL: stripe.url
  })
  const stop = async () => {
    await server.stop()
    provider.stop()
    await stripe.stop()
  }
  return { stripe, provider, server, stop }
}
