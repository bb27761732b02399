"""A persona and a workflow with something of everything a policy can name."""

from __future__ import annotations

from turbulence_app.domain.persona import Persona
from turbulence_app.domain.workflow import Workflow

PERSONA = Persona(
    id="impatient_shopper",
    name="Impatient Shopper",
    description="A busy professional who shops during lunch breaks.\nAbandons the cart if checkout takes too long. "
    "Gets frustrated with payment failures and may try once, then leave. Prefers a café's Wi-Fi.",
    hints={"timeout_tolerance": "low"},
)

WORKFLOW = Workflow.model_validate(
    {
        "id": "checkout",
        "description": "Buy something in a web shop.",
        "entry": {"seed_data": {"sku": ["A-1", "B-2"]}},
        "parameters": {
            "cart_quantity": {"type": "range", "min": 1, "max": 5},
            "shipping": {"type": "choice", "values": ["standard", "express"]},
        },
        "variation": {"toggles": [{"name": "apply_coupon", "probability": 0.3}]},
        "flow": [
            {"name": "browse", "type": "http", "path": "/products"},
            {
                "name": "after_browse",
                "type": "decide",
                "decision": "browse_next",
                "prompt": "Products are on the screen. What does this person do next?",
                "options": {
                    "add_to_cart": "puts the product into the cart at once",
                    "view_details": "opens the details first",
                    "leave": "leaves the shop",
                },
                "output_var": "browse_next",
            },
            {
                "name": "gone",
                "type": "branch",
                "condition": "browse_next == 'leave'",
                "if_true": [{"name": "left", "type": "end", "outcome": "abandoned"}],
            },
            {
                "name": "address",
                "type": "form",
                "fields": [{"name": "street"}, {"name": "phone", "kind": "tel", "required": False}],
            },
            {"name": "pay", "type": "http", "method": "POST", "path": "/charges/{{ sku }}"},
            {
                "name": "after_failure",
                "type": "decide",
                "when": "pay.failed",
                "decision": "payment_failed",
                "prompt": "The payment failed.",
                "options": {"retry": "tries again", "stop": "gives up"},
                "output_var": "payment_failed",
            },
            {"name": "gave_up", "type": "end", "when": "payment_failed == 'stop'", "outcome": "abandoned"},
            {"name": "bought", "type": "end", "outcome": "completed"},
        ],
    }
)
