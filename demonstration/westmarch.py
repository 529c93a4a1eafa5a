"""The settings of Westmarch County Council, a made-up authority."""

SETTINGS = {
    "authority_name": "Westmarch County Council",
    "product_name": "Westmarch children’s front door",
    "authority_code": "westmarch",
    "mail_from": "front-door@westmarch.example",
    "duty_line": "01632 960120",
    "helpdesk_phone": "01632 960100",
    "address": "County Hall, Teasel Street, Millbrook WM1 1AA",
    "staff_idle_minutes": "240",  # an evening's walk through the demonstration needs no second sign-in
    "staff_session_hours": "12",
}
