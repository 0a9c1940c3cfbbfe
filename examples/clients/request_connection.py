"""Sends one request and waits for its answer.

    ServiceBus='Endpoint=sb://...' python3 request_connection.py request.json

Copy it: it needs Python 3.9 or newer and the package azure-servicebus (pip install azure-servicebus).
No test runs this file, because the project installs no Python packages: only its syntax is checked.
request-connection.mjs does the same in Node, and tests run it.

In Azure use an identity in place of the connection string:
    ServiceBusClient("<namespace>.servicebus.windows.net", DefaultAzureCredential())

Exit code: 0 succeeded or planned, 1 not, 2 no answer.
"""

import json
import os
import sys
import time
import uuid

from azure.servicebus import AutoLockRenewer, ServiceBusClient, ServiceBusMessage
from azure.servicebus.exceptions import (
    MessageSizeExceededError,
    MessagingEntityNotFoundError,
    ServiceBusAuthenticationError,
    ServiceBusAuthorizationError,
    ServiceBusError,
)

QUEUE = os.environ.get("REQUEST_QUEUE", "vpn-connection-requests")
TOPIC = os.environ.get("COMPLETION_TOPIC", "vpn-connection-events")
RETRY_SECONDS = float(os.environ.get("RETRY_SECONDS", "300"))
FINAL_ERRORS = (
    MessageSizeExceededError,
    MessagingEntityNotFoundError,
    ServiceBusAuthenticationError,
    ServiceBusAuthorizationError,
)


def request_until_done(client, event):
    """Sends a request, and sends it again if that can help. Returns the exit code."""
    tries = 1
    while True:
        answer = request(client, event)
        if answer["outcome"] in ("Succeeded", "Planned"):
            return 0
        # `retryable` says that the same request may succeed later, `actor` who must do something first.
        problem = answer["problem"]
        if tries == 3 or not problem["retryable"] or problem["actor"] != "nobody":
            return 1
        print(f"{problem['message']} Sending it again in {RETRY_SECONDS:.0f} s.", file=sys.stderr)
        time.sleep(RETRY_SECONDS)
        # A new try needs a new id: under the old one the old answer comes back.
        event = {**event, "id": str(uuid.uuid4())}
        tries += 1


def request(client, event):
    """Sends a request and returns the data of its answer."""
    data = event["data"]
    minutes = data.get("deadlineMinutes", 60) + data.get("queueDeadlineMinutes", 1440) + 10
    ends_at = time.monotonic() + minutes * 60
    is_sent = False
    failures = 0
    while time.monotonic() < ends_at:
        try:
            # The session comes first, so that a missing right is seen before anything is changed. It is
            # named by the request's id, so that a client that was killed finds the answer when it runs
            # again. Its lock lasts a minute, and is renewed until `ends_at`.
            with client.get_subscription_receiver(TOPIC, "replies", session_id=event["id"]) as receiver:
                with AutoLockRenewer(max_lock_renewal_duration=minutes * 60) as renewer:
                    renewer.register(receiver, receiver.session)
                    if not is_sent:
                        send(client, event)
                        is_sent = True
                    failures = 0
                    answer = wait_for_answer(receiver, ends_at)
                    if answer is not None:
                        return answer["data"]
        except FINAL_ERRORS:
            raise
        except ServiceBusError as error:
            # The connection or the lock was lost, or the session is still locked by a client that was
            # killed. The answer stays in the session for a day. Sending again is safe: the same source
            # and id is the same request.
            failures += 1
            if failures == 13:
                raise
            print(f"{error}\nTrying again.", file=sys.stderr)
            time.sleep(10)
    raise TimeoutError(f"There is no answer to {event['id']}.")


def wait_for_answer(receiver, ends_at):
    """Returns the answer event, or None at the end of the time."""
    while time.monotonic() < ends_at:
        # Many short waits: a change takes 30 minutes or more, and may wait for its gateway for a day.
        for message in receiver.receive_messages(max_message_count=1, max_wait_time=60):
            answer = json.loads(str(message))
            print(json.dumps(answer, indent=2, ensure_ascii=False))
            # Not before the answer is safe: what is not completed is delivered again.
            receiver.complete_message(message)
            return answer
    return None


def send(client, event):
    with client.get_queue_sender(QUEUE) as sender:
        sender.send_messages(
            ServiceBusMessage(
                json.dumps(event),
                content_type="application/cloudevents+json",
                message_id=event["id"],
                reply_to_session_id=event["id"],
            )
        )


def main():
    if len(sys.argv) != 2 or "ServiceBus" not in os.environ:
        print("Usage: ServiceBus='Endpoint=sb://...' python3 request_connection.py request.json", file=sys.stderr)
        return 2
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            event = json.load(file)
        with ServiceBusClient.from_connection_string(os.environ["ServiceBus"]) as client:
            return request_until_done(client, event)
    except (OSError, ValueError, ServiceBusError) as error:
        print(f"{error}\nIf the request was sent, it goes on. Send the same file again to get its answer.", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
