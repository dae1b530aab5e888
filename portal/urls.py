"""The clients' addresses: joining, the portal, and answering by link."""

from django.urls import path

from portal.place import BOTH, READ, WRITE, by_pass, in_portal
from portal.views import answering, goals, joining, links, mine, today

app_name = "portal"
urlpatterns = [
    path("welcome/", joining.join_form, name="client_join_form"),
    path("welcome/<str:token>/", joining.join, name="client_join"),
    path("my/", today.today, name="today"),
    path("my/welcome/", joining.welcome, name="welcome"),
    path("my/mine/", mine.mine, name="mine"),
    path("my/goals/", goals.goals, name="goals"),
    path("my/goals/new/<uuid:pk>/", goals.goal_add, name="goal_add"),
    path("my/goals/<uuid:pk>/", goals.goal, name="goal"),
    path("my/contact/<uuid:pk>/", mine.contact, name="contact"),
    path("my/consents/<uuid:pk>/withdraw/", mine.consent_withdraw, name="consent_withdraw"),
    path("my/sign-out/", mine.sign_out_everywhere, name="sign_out_everywhere"),
    path("my/leave/", mine.quick_exit, name="quick_exit"),
    path("my/answer/<uuid:pk>/", in_portal(answering.intro, BOTH), name="answer"),
    path("my/answer/<uuid:pk>/<int:number>/", in_portal(answering.page, BOTH), name="answer_page"),
    path("my/answer/<uuid:pk>/save/", in_portal(answering.save, WRITE), name="answer_save"),
    path("my/answer/<uuid:pk>/review/", in_portal(answering.review, READ), name="answer_review"),
    path("my/answer/<uuid:pk>/send/", in_portal(answering.submit, WRITE), name="answer_submit"),
    path("my/answer/<uuid:pk>/done/", in_portal(answering.done, READ), name="answer_done"),
    path("l/", by_pass(answering.intro, BOTH), name="link_answer"),
    path("l/<int:number>/", by_pass(answering.page, BOTH), name="link_page"),
    path("l/save/", by_pass(answering.save, WRITE), name="link_save"),
    path("l/review/", by_pass(answering.review, READ), name="link_review"),
    path("l/send/", by_pass(answering.submit, WRITE), name="link_submit"),
    path("l/done/", by_pass(answering.done, READ), name="link_done"),
    path("l/<str:token>/", links.link, name="link"),
]
