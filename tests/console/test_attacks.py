"""scratch"""
import itertools, re, time, sqlite3
import pytest
from tests.console.conftest import *
from assessment.web.console.access import ROUTES, Access

BIG = "9" * 20

def test_big_ints(kim, send):
    ref = send(contact=BROWN)
    token = kim.token("/account")
    for ep, (who, methods, path) in ROUTES.items():
        if "<int:" not in path: continue
        p = path.replace("<slug>", "check").replace("<reference>", ref)
        p = re.sub(r"<int:\w+>", BIG, p)
        r = kim.client.post(f"/console{p}", data={"csrf_token": token, "role": "viewer"}, headers=kim.headers, base_url=HOME)
        print("BIG", ep, r.status)

def test_reviews_odd(kim, send):
    ref = send(contact=BROWN)
    token = kim.token("/account")
    qs = site_of(kim.app).questionnaire.questions
    odd = ["9"*5000, "-1", "1e400", "\x00", "\ud800".encode("utf-16","surrogatepass").decode("utf-16","replace"), "\x01x", "½", "²", "١", " ", "a"*10000, "none", "__class__", "NaN", "1.5", "\u202e", "["]
    bad = 0
    for q in qs:
        for o in odd:
            r = kim.client.post(f"/console/check/assessments/{ref}/answers/{q}", data={"csrf_token": token, "kind": "corrected", "answer": o, "how": o}, headers=kim.headers, base_url=HOME)
            if r.status_code >= 500:
                bad += 1; print("REV", q, repr(o[:10]), r.status)
            if r.status_code == 303:
                print("kept", q, repr(o[:20]))
    print("bad", bad)
    for p in (f"/check/assessments/{ref}/answers", f"/check/assessments/{ref}"):
        r = kim.get(p); print(p, r.status)
        try: kim.open(p)
        except AssertionError as e: print("STRICT", p, str(e)[:300])
        except Exception as e: print("STRICTX", p, str(e)[:300])

def test_control_note(kim, send):
    ref = send(contact=BROWN)
    token = kim.token("/account")
    for s in ("a\x01b", "a\x0bb", "a\x7fb", "\ufffe", "\u202eabc"):
        r = kim.client.post(f"/console/check/assessments/{ref}/notes", data={"csrf_token": token, "says": s}, headers=kim.headers, base_url=HOME)
        print(repr(s), r.status)
        try: kim.open(f"/check/assessments/{ref}")
        except BaseException as e: print("STRICT", repr(s), str(e)[:200])

def test_settings_odd(kim):
    token = kim.token("/account")
    odd = ["9"*5000, "9"*300, "-1", "1e400", "\x00", "\x01x", "½", "²", "١٢", " ", "a"*19000, "NaN", "1.5", "\u202e", "[", "http://[", "https://a\x00b", "javascript:alert(1)", "//x", "=1+1", "#１２３４５６", "\n".join(["https://a%d.example" % i for i in range(900)])]
    names = {}
    from assessment.web.console.settings import fields
    for area, groups in (("brand", fields.BRAND), ("website", fields.WEBSITE), ("contact", fields.CONTACT), ("keeping", fields.KEEPING), ("questionnaire", None)):
        ns = [s.name for g in groups for s in g.settings] if groups else ["questionnaire"]
        for n in ns:
            for o in odd:
                t=time.time()
                r = kim.client.post(f"/console/check/settings/{area}", data={"csrf_token": token, n: o}, headers=kim.headers, base_url=HOME)
                if r.status_code >= 500 or time.time()-t>1: print("SET", area, n, repr(o[:12]), r.status, time.time()-t)
                if r.status_code == 303 and o.strip() and len(o) > 100: print("kept", area, n, repr(o[:12]))
    for c in ["１２３４５６", "12345", "1234567", "%00", "gggggg", "-12345", "+12345", "1_2_34", "0x1234", "12345 "]:
        print("css", c, kim.get(f"/check/settings/brand/{c}.css").status)
    for u in ["http://[", "https://[::1]", "https://a:99999", "https://" + "a."*900, "https://\u0130", "https://xn--", "https://xn--a", "https://x\x00", "https://"+"\u00e9"*500, "https://"+"a"*64+".com", "https://user:pw@x", "https://١.com", "https://a..b", "data:,", "https://%E2"]:
        t=time.time()
        r = kim.client.get("/console/check/settings/website", query_string={"page": u}, base_url=HOME)
        if r.status_code != 200 or time.time()-t > .5: print("PAGE", repr(u[:20]), r.status, time.time()-t)

def test_queries(kim, send):
    ref = send(contact=BROWN)
    for path in ("assessments", "export", "dashboard", "settings/activity", "bulk", "settings/website", "settings/endpoints"):
        for name in ("q","band","critical","from","to","source","staff","contact","status","assignee","test","sort","before","after","weeks","page","still","next"):
            for v in ("\x00", "9"*9, "9"*30, "0000-01-01", "0001-01-01", "9999-12-31", "2026-W01-1", "%", "_", "a "*100, "\ufffe", "½"*200, "00010101T000000000000-1", "99991231T235959999999-999999999999999999", "99999999T-1", "1-999999999999999999","-1", "x"*60000, "İ", "ß", "\u0345"*200):
                t=time.time()
                for sort in ("newest", "lowest", "grade"):
                    r = kim.client.get(f"/console/check/{path}", query_string={"sort": sort, name: v}, base_url=HOME)
                    if r.status_code not in (200,) and not (name=="next" and r.status_code==400): print("Q", path, name, repr(v[:12]), r.status)
                    if path != "assessments": break
                if time.time()-t > 1: print("SLOW", path, name, repr(v[:12]), time.time()-t)
